# A joint model by an own likelihood in R: the integral over (b0, b1) by the trapezoid rule on a fixed fine grid a person, the hazard in closed pieces. Two Newton steps on
# central differences of that likelihood, from rounded values near its maximum, end at the maximum; standard errors from the same Hessian. Rscript make.R writes inputs_*.tsv and expected.json.
options(digits = 17); set.seed(20240815); n <- 60
age <- round(rnorm(n, 0, 1), 2); sex <- rbinom(n, 1, .5)
b <- cbind(rnorm(n), rnorm(n)) %*% chol(matrix(c(.25, -.03, -.03, .09), 2))
m0 <- 1 + .1 * age + b[, 1]; m1 <- -.1 + .15 * sex + b[, 2]
cuts <- c(1, 2); lh <- log(c(.15, .25, .3)); alpha <- .7; eta <- .3
cumhaz <- function(t, i) { e <- c(0, pmin(cuts, t), t); s <- 0; for (k in 1:3) { a <- min(c(0, cuts)[k], t); z <- min(c(cuts, Inf)[k], t); if (z > a) s <- s + exp(lh[k] + eta * sex[i] + alpha * m0[i]) * (exp(alpha * m1[i] * z) - exp(alpha * m1[i] * a)) / (alpha * m1[i]) }; s }
tt <- numeric(n); ev <- integer(n)
for (i in 1:n) { u <- rexp(1); f <- function(t) cumhaz(t, i) - u; t1 <- if (f(4) > 0) uniroot(f, c(1e-6, 4), tol = 1e-10)$root else Inf; c1 <- runif(1, 1, 4); tt[i] <- round(min(t1, c1), 4); ev[i] <- as.integer(t1 <= c1) }
rows <- do.call(rbind, lapply(1:n, function(i) { t <- seq(0, 4, .5); t <- t[t < tt[i]]; data.frame(id = i, time = t, plate = rbinom(length(t), 1, .4)) }))
rows$y <- m0[rows$id] + m1[rows$id] * rows$time + .2 * rows$plate + rnorm(nrow(rows), 0, .3)
lod <- .6; rows$cens <- ifelse(rows$y < lod, -1, 0); rows$y <- round(ifelse(rows$cens < 0, lod, rows$y), 4)
w <- function(x, f) write.table(format(x, digits = 17, trim = TRUE), f, sep = "\t", quote = FALSE, row.names = FALSE)
w(rows, "inputs_rows.tsv"); w(data.frame(id = 1:n, age, sex, time = tt, event = ev), "inputs_people.tsv")
# parameters: base 1 age | slope 1 sex | plate | log sigma | log l11, l21, log l22 | 3 log hazards | eta | alpha
grid <- seq(-7, 7, length.out = 101); G <- as.matrix(expand.grid(grid, grid)); step <- (grid[2] - grid[1])^2
R <- split(rows, rows$id)
start <- c(1, .1, -.1, .15, .2, log(.3), log(.5), -.06, log(.3), lh, eta, alpha)
# each person's grid covers the density of (b0, b1) given the measured rows alone, which is wider than with the censored ones
place <- lapply(1:n, function(i) { r <- R[[i]][R[[i]]$cens == 0, ]; Z <- cbind(rep(1, nrow(r)), r$time); D <- matrix(c(.25, -.03, -.03, .09), 2); V <- solve(solve(D) + crossprod(Z) / .09); list(V = t(chol(V)), m = as.vector(V %*% crossprod(Z, r$y - (1 + .1 * age[i]) - (-.1 + .15 * sex[i]) * r$time - .2 * r$plate) / .09)) })
one <- function(i, p, link) {
  r <- R[[i]]; q <- place[[i]]; B <- sweep(G %*% t(q$V), 2, q$m, "+"); s <- exp(p[6]); l11 <- exp(p[7]); l21 <- p[8]; l22 <- exp(p[9])
  lev <- p[1] + p[2] * age[i] + B[, 1]; slo <- p[3] + p[4] * sex[i] + B[, 2]; v <- numeric(nrow(B))
  for (j in seq_len(nrow(r))) { mu <- lev + slo * r$time[j] + p[5] * r$plate[j]; v <- v + if (r$cens[j] < 0) pnorm(r$y[j], mu, s, log.p = TRUE) else dnorm(r$y[j], mu, s, log = TRUE) }
  u1 <- B[, 1] / l11; u2 <- (B[, 2] - l21 * u1) / l22; v <- v + dnorm(u1, log = TRUE) + dnorm(u2, log = TRUE) - log(l11) - log(l22)
  if (link != "none") { a <- if (link == "alpha") p[14] else 0; H <- 0; k1 <- findInterval(tt[i], cuts, left.open = TRUE) + 1
    for (k in 1:k1) { from <- c(0, cuts)[k]; to <- min(c(cuts, Inf)[k], tt[i]); rr <- a * slo; I <- ifelse(abs(rr) < 1e-9, to - from, (exp(rr * to) - exp(rr * from)) / rr); H <- H + exp(p[9 + k] + p[13] * sex[i] + a * lev) * I }
    v <- v + ev[i] * (p[9 + k1] + p[13] * sex[i] + a * (lev + slo * tt[i])) - H }
  top <- max(v); top + log(sum(exp(v - top))) + log(step) + log(abs(det(q$V)))
}
ll <- function(p, link = "alpha") sum(vapply(1:n, one, 0, p = p, link = link))
newton <- function(p, link) { f <- function(p) ll(p, link); n <- length(p); h <- rep(1e-3, n)
  for (round in 1:2) { f0 <- f(p); up <- down <- numeric(n); for (j in 1:n) { e <- replace(numeric(n), j, h[j]); up[j] <- f(p + e); down[j] <- f(p - e) }
    g <- (up - down) / (2 * h); H <- diag((up + down - 2 * f0) / h^2); for (j in 2:n) for (k in 1:(j - 1)) { e <- replace(numeric(n), j, h[j]); d <- replace(numeric(n), k, h[k]); H[j, k] <- H[k, j] <- (f(p + e + d) - f(p + e) - f(p + d) + f0) / (h[j] * h[k]) - 0 }
    p <- p - solve(H, g) }
  list(par = p, se = sqrt(diag(solve(-H))), loglik = f(p), step = max(abs(solve(H, g)))) }
near <- c(1.005, 0.122, -0.041, 0.099, 0.142, -1.313, -0.782, -0.199, -0.841, -2.437, -1.553, -0.680, 0.023, 0.961)
J <- list(at_start = ll(start), joint = newton(near, "alpha"), measurements = newton(c(1.005, 0.127, -0.071, 0.105, 0.148, -1.314, -0.787, -0.196, -0.852), "none"), events = sum(ev), censored = sum(rows$cens < 0))
jsonlite::write_json(J, "expected.json", digits = NA, auto_unbox = TRUE, pretty = TRUE); cat(J$joint$step, J$measurements$step, J$events, J$censored, nrow(rows), "\n"); print(J$joint)
