// docs/statistics/reconstructed-table.md: one table under every test, from the program itself.

/** First the best fit to the published odds ratio and limits, then the other that fits. */
const tables = [
  [10, 9, 3, 95, 8, 0],
  [5, 14, 3, 81, 22, 0],
]

/** What a p-value of `test-table` asks, by its name there; a test not named here is shown under its own name. */
const questions = {
  trend_exact: ['exact conditional trend', 'more copies among cases than relabelling gives? Every relabelling counted'],
  trend_asymptotic: [
    'Cochran-Armitage trend, asymptotic',
    'the same by a normal curve, which 22 cases do not follow in its tail',
  ],
  fisher: ['Fisher 2x3 (Freeman-Halton)', 'any difference of the three genotypes, no direction'],
  firth: ["Firth's likelihood ratio", 'additive log odds, penalised, referred to a chi-square'],
  allelic: ['allelic 2x2', 'alleles counted as if they were people; a test only under Hardy-Weinberg proportions'],
  dominant: ['dominant 2x2', 'carriers against others'],
  dominant_barnard: [
    'dominant 2x2, Barnard',
    'the same with the groups fixed and not how many carry, by the score statistic',
  ],
  dominant_boschloo: ['dominant 2x2, Boschloo', "the same with the groups fixed and not how many carry, by Fisher's p"],
  recessive: ['recessive 2x2', 'two copies against others'],
  recessive_barnard: [
    'recessive 2x2, Barnard',
    'the same with the groups fixed and not how many carry, by the score statistic',
  ],
  recessive_boschloo: [
    'recessive 2x2, Boschloo',
    "the same with the groups fixed and not how many carry, by Fisher's p",
  ],
  logf: ['log-F(1,1) likelihood ratio', 'additive log odds with a weak prior, referred to a chi-square'],
  spa: ['score test, saddlepoint', 'the trend with labels independent at the fitted risk, by an approximation'],
}

/** A power in raised digits. */
const superscript = (n) => [...String(n)].map((d) => (d === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[d])).join('')
const digits = (x) => {
  if (x >= 0.001) return x.toPrecision(3)
  const [mantissa, power] = x.toExponential(2).split('e')
  return `${mantissa} × 10${superscript(Number(power))}`
}
const ratio = (x) => (x === null || x === undefined ? '–' : x === Infinity ? '∞' : x === 0 ? '0' : x.toPrecision(3))

const asTable = ([caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt]) => ({
  caseRef,
  caseHet,
  caseAlt,
  controlRef,
  controlHet,
  controlAlt,
})
const slashes = (t) => `${t.slice(0, 3).join('/')} v ${t.slice(3).join('/')}`

/** The page. `association`, `statistics`, `special`: the built modules, kernels installed. */
export function reconstructedTable(association, statistics, special) {
  const found = tables.map((t) => association.testTable(asTable(t)))
  const names = Object.keys(found[0])
    .filter((key) => key.endsWith('_p') && key !== 'hwe_p' && key !== 'min_attainable_p')
    .map((key) => key.slice(0, -2))
    .filter((name) => found.every((f) => typeof f[`${name}_p`] === 'number'))
  const midp = (f, name) => f[`${name}_midp`] ?? f[`${name.replace('_exact', '')}_midp`]
  const effect = (f, name) => {
    const [or, low, high] =
      name === 'firth' ? [f.or, f.or_low, f.or_high] : ['', '_low', '_high'].map((end) => f[`${name}_or${end}`])
    return or === undefined ? '' : `${ratio(or)} (${ratio(low)} to ${ratio(high)})`
  }
  const rows = names
    .toSorted((a, b) => found[0][`${a}_p`] - found[0][`${b}_p`])
    .map((name) => {
      const [label, question] = questions[name] ?? [name.replaceAll('_', ' '), '']
      const cells = found.map(
        (f) => `${digits(f[`${name}_p`])}${midp(f, name) === undefined ? '' : ` (mid-p ${digits(midp(f, name))})`}`,
      )
      return `| ${label} | ${cells.join(' | ')} | ${effect(found[0], name)} | ${question} |`
    })
  const [first] = found
  const all = names.filter((name) => !name.startsWith('recessive')).map((name) => first[`${name}_p`])
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const asymptotic = first.trend_asymptotic_p
  const genomeWide = 5e-8
  const label = (name) => questions[name]?.[0] ?? name.replaceAll('_', ' ')
  const across = [
    ...names
      .filter((name) => first[`${name}_p`] < genomeWide)
      .map((name) => `${label(name)} (${digits(first[`${name}_p`])})`),
    ...names
      .filter((name) => midp(first, name) < genomeWide)
      .map((name) => `the mid-p of the ${label(name)} (${digits(midp(first, name))})`),
  ]
  const controlFrequency = tables.map(([, , , k0, k1, k2]) => (k1 + 2 * k2) / (2 * (k0 + k1 + k2)))
  const homozygotes = [103, 140, 243].map((controls) => [
    controls,
    statistics.fisherTest({ caseWith: 3, caseWithout: 19, controlWith: 0, controlWithout: controls }).p,
  ])
  const standardError = (special.log(34.6) - special.log(4.1)) / (2 * special.normalQuantile(0.975))
  const z = special.log(12) / standardError
  const wald = special.exp(special.normalLogTail(z) + Math.LN2)
  const curse = [3, 4, 5].map((power) => {
    const alpha = Number(`1e-${power}`)
    const e = statistics.conditionalEstimates({
      beta: special.log(12),
      se: standardError,
      threshold: special.normalQuantile(1 - alpha / 2),
    })
    return `| 10${superscript(-power)} | ${[e.mle, e.mean, e.average].map((b) => special.exp(b).toFixed(1)).join(' | ')} | ${special.exp(e.low).toFixed(1)} to ${special.exp(e.high).toFixed(1)} |`
  })
  return `# The published lead, reconstructed, under every test

**These counts are a reconstruction. The study published none.** Written by \`npm run docs\` from the program itself, so that it cannot differ from what \`upturn test-table ${tables[0].join(' ')}\` says.
Research use only: nothing here replaces a doctor's advice.

## What was published, and what was made of it

Published (Crayle et al., Neurology 2024, *Genetic Associations With an ALS Reversal Phenotype*, as read in public summaries): 22 people whose ALS reversed, 103 and 140 people with typical ALS in two sets; the lead variant rs4242007 in an intron of *IGFBP7*; odds ratio 12.0 with 95% limits 4.1 to 34.6;
three of the reversals have two copies, none of the 243 controls has. Not published, or not found: genotype counts, the test, covariates, filters.

Made of it: the counts of 22 cases and 103 controls with three and no homozygotes for which an additive logistic regression without covariates comes closest to 12.0 (4.1 to 34.6). That the odds ratio belongs to the 103 controls, and
that no covariate moved it, are assumptions. Two tables fit about as well: ${tables.map(slashes).join(', and ')} (0/1/2 copies). The first fits best and is used throughout these pages.

## Under every test

| test | p, ${slashes(tables[0])} | p, ${slashes(tables[1])} | odds ratio of the first (95% limits) | what it asks |
|---|---|---|---|---|
${rows.join('\n')}

The smallest p that the exact trend could have had with these margins is ${digits(first.min_attainable_p)}, so the margins did not stand in the way. Hardy-Weinberg among the controls: p = ${digits(first.hwe_p)}.

## What it means

- **The choice of test decides what is said.** Leaving out the recessive contrast, which asks about three people, p runs from ${digits(least)} to ${digits(most)}, ${special.log(most / least) / Math.LN10 > 2 ? 'more than two' : 'about two'} powers of ten. Below
  the usual genome-wide threshold of 5 × 10⁻⁸ lie ${across.join(' and ')}: the first by a normal curve in a tail that 22 cases do not fill, where counting every relabelling gives ${digits(first.trend_exact_p)}, ${Math.round(first.trend_exact_p / asymptotic)} times as much. So one test is named before anything is seen ([calibration](calibration.md)), and the others stand beside it.
- **By the published limits themselves** the Wald p is ${digits(wald)} (z = ${z.toFixed(2)}), which is not genome-wide either.
- **The homozygotes alone** say little: ${homozygotes.map(([n, p]) => `3 of 22 against 0 of ${n} is p = ${digits(p)}`).join(', ')}.
- **The two tables differ more than tests do.** Their additive odds ratios and limits are almost the same, but the allele has a frequency of ${(100 * controlFrequency[0]).toFixed(1)}% among the controls of the first and of ${(100 * controlFrequency[1]).toFixed(1)}% among those of the second. Whoever wants to know which was seen needs the counts.
- **12 is too high if it is real.** The variant is known because it was the strongest. Corrected by the conditional likelihood ([planning](../planning.md)), from the published odds ratio and limits:

| threshold that selected it | most likely | mean | average of both | 95% limits |
|---|---|---|---|---|
${curse.join('\n')}

Which threshold selected it is not known. At 5 × 10⁻⁸ it was not selected at all.
- **Three homozygotes and 12-fold odds are one and the same 22 people.** Testing them against the 140 other controls tests the choice of controls. Only new cases can replicate it.
`
}
