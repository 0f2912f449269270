# Graded response model by marginal maximum likelihood, written from Samejima (1969) and Bock and Aitkin (1981) without any
# package: 81 nodes from -8 to 8 with normal weights, optim (BFGS), thresholds as a first value and logged gaps.
set.seed(1313); options(digits = 15)
n <- 400; items <- 6; cats <- 5
a <- c(1.2, 2.5, 0.8, 3.0, 1.7, 2.1)
b <- rbind(c(-3, -1, 0.5, 2), c(-4, -2, 1, 3), c(-2, -1, 0, 1.5), c(-5, -1.5, 0.5, 4), c(-2.5, -0.5, 1.5, 2.5), c(-3.5, -2, -0.5, 1))
theta <- rnorm(n)
y <- sapply(1:items, function(j) { u <- runif(n); s <- sapply(1:4, function(k) plogis(a[j] * theta - b[j, k])); rowSums(u < s) })
y[cbind(sample(n, 40), sample(items, 40, TRUE))] <- -1
write.table(y, "inputs.tsv", sep = "\t", quote = FALSE, row.names = FALSE, col.names = paste0("item", 1:items))
z <- seq(-8, 8, by = 0.2); w <- dnorm(z) * 0.2
unpack <- function(p) { p <- matrix(p, items, 5, byrow = TRUE); list(a = exp(p[, 1]), b = t(apply(p[, 2:5], 1, function(r) cumsum(c(r[1], exp(r[2:4])))))) }
loglik <- function(p) {
  m <- unpack(p); l <- matrix(0, n, length(z))
  for (j in 1:items) {
    s <- rbind(1, t(sapply(1:4, function(k) plogis(m$a[j] * z - m$b[j, k]))), 0)
    pr <- log(pmax(s[1:5, ] - s[2:6, ], 1e-12))
    seen <- y[, j] >= 0
    l[seen, ] <- l[seen, ] + pr[y[seen, j] + 1, ]
  }
  sum(log(exp(l) %*% w))
}
start <- as.vector(t(cbind(log(1.5), rep(-2, items), 0, 0, 0)))
fit <- optim(start, function(p) -loglik(p), method = "BFGS", control = list(maxit = 2000, reltol = 1e-14))
fit <- optim(fit$par, function(p) -loglik(p), method = "BFGS", control = list(maxit = 2000, reltol = 1e-15))
m <- unpack(fit$par)
out <- data.frame(item = 1:items, a = m$a, b1 = m$b[, 1], b2 = m$b[, 2], b3 = m$b[, 3], b4 = m$b[, 4])
write.table(format(out, digits = 10), "expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
cat("loglik", format(-fit$value, digits = 14), "convergence", fit$convergence, "\n")
cat(sprintf("loglik\t%.10f\n", -fit$value), file = "expected_loglik.tsv")
