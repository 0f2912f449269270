import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { RandomStream } from '../../src/numerics/random.ts'
import type { AssociationSummary } from '../../src/results/association.ts'
import { upturn } from '../program/upturn.ts'

const folder = mkdtempSync(join(tmpdir(), 'upturn-peers-matched-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

const missing =
  spawnSync('Rscript', ['-e', 'stopifnot(requireNamespace("survival"))'], { encoding: 'utf8' }).status === 0
    ? null
    : 'R with survival is not installed'
if (missing !== null) console.warn(`Matched sets are not compared with R: ${missing}.`)

/**
 * The exact trend by convolution of each set's hypergeometric law in base R; the penalised conditional likelihood from the log-likelihood and
 * information that coxph (exact) gives at fixed coefficients; clogit's likelihood ratio and odds ratio.
 */
const script = `
suppressMessages(library(survival))
d <- read.delim("people.tsv"); g <- as.matrix(read.delim("genotypes.tsv"))
trend <- function(y, x, s) {
  law <- 1; t <- 0; e <- 0
  for (k in unique(s)) { i <- s == k; m <- sum(y[i]); n <- tabulate(x[i] + 1, 3)
    own <- rep(0, 2 * m + 1)
    for (b in 0:m) for (a in 0:(m - b)) own[a + 2 * b + 1] <- own[a + 2 * b + 1] +
      choose(n[1], m - a - b) * choose(n[2], a) * choose(n[3], b) / choose(sum(n), m)
    new <- rep(0, length(law) + 2 * m)
    for (j in seq_along(own)) { k2 <- j - 1 + seq_along(law); new[k2] <- new[k2] + own[j] * law }
    law <- new; t <- t + sum(x[i][y[i] == 1]); e <- e + m * mean(x[i]) }
  at <- seq_along(law) - 1
  sum(law[abs(at - e) >= abs(t - e) - 1e-9])
}
penalised <- function(y, x, s) {
  f <- function(b) { fit <- suppressWarnings(coxph(Surv(rep(1, length(y)), y) ~ x + strata(s), init = b, iter.max = 0, method = "exact"))
    fit$loglik[2] - 0.5 * log(vcov(fit)[1, 1]) }
  best <- optimize(f, c(-8, 8), maximum = TRUE, tol = 1e-10)
  c(best$maximum, pchisq(2 * (best$objective - f(0)), 1, lower.tail = FALSE))
}
out <- t(apply(g, 2, function(x) { i <- !is.na(x)
  keep <- ave(x[i], d$set[i], FUN = function(v) length(unique(v))) > 1
  mixed <- ave(d$y[i], d$set[i], FUN = function(v) length(unique(v))) > 1
  if (!any(keep & mixed)) return(c(1, NA, NA))
  c(trend(d$y[i], x[i], d$set[i]), penalised(d$y[i], x[i], d$set[i])) }))
write.table(format(out, digits = 15), "rows.tsv", row.names = FALSE, col.names = FALSE, quote = FALSE, sep = "\\t")
x <- g[, 1]; i <- !is.na(x); d1 <- data.frame(d[i, ], x = x[i])
fit <- clogit(y ~ age + x + strata(set), d1, method = "exact", control = coxph.control(eps = 1e-12, toler.chol = 1e-14))
null <- clogit(y ~ age + strata(set), d1, method = "exact", control = coxph.control(eps = 1e-12, toler.chol = 1e-14))
cat(format(c(coef(fit)[2], pchisq(2 * (fit$loglik[2] - null$loglik[2]), 1, lower.tail = FALSE)), digits = 15), file = "lead.txt")
`

it.skipIf(missing !== null)('rows and lead within matched sets equal survival’s clogit and base R', () => {
  const random = new RandomStream(77, 'test/matched peers')
  const people: { id: string; set: number; isCase: boolean; age: number }[] = []
  for (let set = 0; set < 26; set++)
    for (let i = 0; i < (set < 22 ? 5 : 6); i++) {
      const isCase = i < (set < 22 ? 1 : 2)
      people.push({ id: `P${people.length}`, set, isCase, age: 50 + 8 * random.normal() + (isCase ? 3 : 0) })
    }
  const calls = Array.from({ length: 60 }, (_, v) => {
    const q = v === 0 ? 0.2 : 0.01 + 0.4 * random.uniform()
    return people.map(({ isCase }) => {
      if (random.uniform() < 0.03) return -1
      const f = v === 0 && isCase ? 0.6 : q
      return (random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0)
    })
  })
  writeFileSync(
    at('people.tsv'),
    [
      'sample\ty\tset\tage',
      ...people.map(({ id, set, isCase, age }) => `${id}\t${isCase ? 1 : 0}\t${set}\t${age}`),
      '',
    ].join('\n'),
  )
  writeFileSync(
    at('genotypes.tsv'),
    [
      calls.map((_, v) => `v${v}`).join('\t'),
      ...people.map((_, i) => calls.map((own) => (own[i] < 0 ? 'NA' : own[i])).join('\t')),
      '',
    ].join('\n'),
  )
  writeFileSync(
    at('a.vcf'),
    [
      '##fileformat=VCFv4.2',
      '##contig=<ID=4>',
      '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
      `#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${people.map(({ id }) => id).join('\t')}`,
      ...calls.map(
        (own, v) =>
          `4\t${100 + v}\tv${v}\tA\tG\t.\tPASS\t.\tGT\t${own.map((g) => ['./.', '0/0', '0/1', '1/1'][g + 1]).join('\t')}`,
      ),
      '',
    ].join('\n'),
  )
  writeFileSync(at('peer.R'), script)
  const peer = spawnSync('Rscript', ['peer.R'], { cwd: folder, encoding: 'utf8' })
  expect(peer.stderr).toBe('')
  const run = (out: string, ...more: string[]) =>
    upturn([
      ...['associate', at('a.vcf'), '--phenotypes', at('people.tsv'), '--case', 'y', '--matched', 'set', '--quiet'],
      ...['--permutations', '100', '--out', at(out), ...more],
    ])
  expect(run('plain').code).toBe(0)
  const [head, ...lines] = readFileSync(at('plain/associations.tsv'), 'utf8').trim().split('\n')
  const names = head.split('\t')
  const wanted = readFileSync(at('rows.tsv'), 'utf8').trim().split('\n')
  let fits = 0
  lines.forEach((line, v) => {
    const cells = line.split('\t')
    const cell = (name: string) => Number(cells[names.indexOf(name)])
    const [trend, beta, firth] = wanted[v].split('\t').map(Number)
    expect(Math.abs(Math.log(cell('trend_exact_p') / trend)), `trend of v${v}`).toBeLessThan(1e-11)
    if (Number.isNaN(firth)) return
    fits++
    expect(Math.abs(Math.log(cell('firth_p') / firth)), `Firth of v${v}`).toBeLessThan(1e-5)
    expect(Math.abs(Math.log(cell('or')) - beta), `odds ratio of v${v}`).toBeLessThan(1e-4)
  })
  expect(fits).toBeGreaterThan(55)
  expect(run('adjusted', '--covariates', 'age').code).toBe(0)
  const { lead } = JSON.parse(readFileSync(at('adjusted/association.json'), 'utf8')) as AssociationSummary
  expect(lead?.rsid).toBe('v0')
  const [beta, p] = readFileSync(at('lead.txt'), 'utf8').trim().split(/\s+/).map(Number)
  const own = lead?.tests.find(({ test }) => test === 'conditional_logistic_p')
  expect(Math.log(own?.or ?? 0)).toBeCloseTo(beta, 8)
  expect(Math.abs(Math.log((own?.p ?? 1) / p))).toBeLessThan(1e-8)
})
