# Power of t, sizes of two groups, Poisson recruitment, winner's curse: base R. Rscript make.R
set.seed(12)
n <- 60
power <- data.frame(shift = signif(runif(n, 0, 8), 6), degrees = round(10^runif(n, 0, 3.5)), alpha = signif(10^runif(n, -8, -0.7), 6))
power$power <- with(power, { tc <- qt(alpha / 2, degrees, lower.tail = FALSE); pt(tc, degrees, shift, lower.tail = FALSE) + pt(-tc, degrees, shift) })
write.table(format(power, digits = 17), "expected_t_power.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

curse <- expand.grid(z = c(2.2, 3.5, 4.567, 6), alpha = c(0.05, 1e-3, 1e-5, 5e-8))
curse <- curse[qnorm(curse$alpha / 2, lower.tail = FALSE) < curse$z, ]
one <- function(z, alpha) {
  c <- qnorm(alpha / 2, lower.tail = FALSE)
  ll <- function(mu) dnorm(z - mu, log = TRUE) - log(pnorm(mu - c) + pnorm(-c - mu))
  mle <- optimize(ll, c(0, z), maximum = TRUE, tol = 1e-12)$maximum
  top <- ll(mle)
  f <- function(k) integrate(function(mu) mu^k * exp(ll(mu) - top), -15, z + 15, rel.tol = 1e-12, subdivisions = 2000)$value
  c(mle = mle, mean = f(1) / f(0))
}
curse <- cbind(curse, t(mapply(one, curse$z, curse$alpha)))
write.table(format(curse, digits = 17), "expected_winners_curse.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

wait <- expand.grid(patients = c(500, 10000, 80000), rate = c(0.001, 0.005), wanted = c(1, 17, 102, 400))
A <- wait$patients * wait$rate * 0.5 / 2
B <- wait$patients * wait$rate * 0.5 / 3
wait$half <- pmax(0, (qgamma(0.5, wait$wanted) - A) / B)
wait$nine_tenths <- pmax(0, (qgamma(0.9, wait$wanted) - A) / B)
wait$low <- qpois(0.025, B)
wait$high <- qpois(0.975, B)
write.table(format(wait, digits = 17), "expected_recruitment.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
