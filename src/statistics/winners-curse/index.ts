export * from './conditional-estimates.ts'
