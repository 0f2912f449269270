# Power of designs by t and of the logistic Wald test from its expected information: base R. Rscript power.R
power <- function(shift, degrees, alpha) { tc <- qt(alpha / 2, degrees, lower.tail = FALSE); pt(tc, degrees, shift, lower.tail = FALSE) + pt(-tc, degrees, shift) }
design <- expand.grid(design = c("carriers", "interaction", "all"), n = c(8, 20, 45), carriers = c(0.2, 0.5), inside = c(0.6, 1.2), others = c(0, 0.3), alpha = c(0.05, 0.001), stringsAsFactors = FALSE)
design$power <- mapply(function(design, n, carriers, inside, others, alpha) {
  if (design == "carriers") return(power(inside * sqrt(n / 2), 2 * n - 2, alpha))
  if (design == "interaction") return(power((inside - others) * sqrt(n / 4), 4 * n - 4, alpha))
  k <- 0:n
  cells <- ifelse(k == 0 | k == n, 2, 4)
  sum(dbinom(k, n, carriers) * power((k * inside + (n - k) * others) / n * sqrt(n / 2), 2 * n - cells, alpha))
}, design$design, design$n, design$carriers, design$inside, design$others, design$alpha)
write.table(format(design, digits = 17, trim = TRUE), "expected_mean_power.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

size <- expand.grid(design = c("carriers", "interaction"), inside = c(0.5, 1, 1.5), alpha = c(0.05, 0.001), target = c(0.8, 0.9), stringsAsFactors = FALSE)
size$n <- mapply(function(design, inside, alpha, target) {
  for (n in 2:5000) {
    p <- if (design == "carriers") power(inside * sqrt(n / 2), 2 * n - 2, alpha) else power(inside * sqrt(n / 4), 4 * n - 4, alpha)
    if (p >= target) return(n)
  }
}, size$design, size$inside, size$alpha, size$target)
write.table(size, "expected_mean_size.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

wald <- expand.grid(frequency = c(0.05, 0.3), or = c(1.5, 4, 12), inheritance = c("additive", "dominant", "recessive"), cases = c(22, 200), controls = c(103, 1000), alpha = c(0.05, 5e-8), stringsAsFactors = FALSE)
wald$power <- mapply(function(frequency, or, inheritance, cases, controls, alpha) {
  dose <- list(additive = 0:2, dominant = c(0, 1, 1), recessive = c(0, 0, 1))[[inheritance]]
  g0 <- dbinom(0:2, 2, frequency)
  g1 <- g0 * or^dose
  g1 <- g1 / sum(g1)
  people <- cases * g1 + controls * g0
  # The logistic model holds exactly at the expected counts.
  risk <- cases * g1 / people
  x <- cbind(1, dose)
  information <- t(x) %*% (x * (people * risk * (1 - risk)))
  shift <- log(or) / sqrt(solve(information)[2, 2])
  c0 <- qnorm(alpha / 2, lower.tail = FALSE)
  pnorm(shift - c0) + pnorm(-shift - c0)
}, wald$frequency, wald$or, wald$inheritance, wald$cases, wald$controls, wald$alpha)
write.table(format(wald, digits = 17, trim = TRUE), "expected_wald_power.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
