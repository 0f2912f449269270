/**
 * Standard deviation of a person's visits about their own trend, points: placebo arm of the topiramate trial, ALSFRS over 12 months. Taken for the
 * ALSFRS-R as well. Two visits then differ by chance by up to 1.96 sqrt(2) 1.6 = 4.4 points.
 */
export const visitNoise = 1.6
