# Firth's propensity (brglm2, AS_mean) on inputs_match.tsv and the optimal totals on its logit (lpSolve's transport). Rscript propensity.R
suppressMessages({library(brglm2); library(lpSolve)}); options(digits = 17)
z <- read.delim("inputs_match.tsv"); V <- c("age", "onset_m", "dfs", "sex")
f <- glm(case ~ age + dfs + onset_m + sex, data = z, family = binomial, method = "brglmFit", type = "AS_mean", epsilon = 1e-14, maxit = 1000)
eta <- as.vector(as.matrix(z[, V]) %*% coef(f)[V]); tr <- z$case == 1
sd2 <- sqrt((var(eta[tr]) + var(eta[!tr])) / 2)
d <- abs(outer(eta[tr], eta[!tr], "-")) / sd2
total <- function(k) lp.transport(d, "min", rep("=", nrow(d)), rep(k, nrow(d)), rep("<=", ncol(d)), rep(1, ncol(d)))$objval
jsonlite::write_json(list(coef = as.list(coef(f)), sd = sd2, total_1 = total(1), total_3 = total(3), first = d[1, 1:5]),
  "expected_propensity.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
