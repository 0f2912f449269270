import type { CallsSummary, GenotypesSummary, MatchingSummary } from '../../results/index.ts'
import { sayMatched } from '../../results/say-matched.ts'
import { statusSentence } from '../figures/manhattan.ts'
import { clean, html, type Markup, typeset } from '../markup.ts'
import { chosen, chosenPercent, count, fixed, percent, plural, pPlain } from '../numbers.ts'
import { adjusted, capital, isFirth, readable, type Study, sourceName, testWords, variableName } from '../study.ts'
import { dataTable } from './figure.ts'

const sentence = (words: string): string => `${typeset(capital(words)).replace(/\.$/, '')}.`

/** A nested value as rows of dotted names, in the order written. */
function flatten(value: unknown, name = '', depth = 0): [string, string][] {
  if (value === null || typeof value !== 'object' || depth > 8) return [[name, clean(String(value), 200)]]
  if (Array.isArray(value)) {
    if (value.every((v) => v === null || typeof v !== 'object'))
      return [[name, clean(value.map(String).join(', '), 400)]]
    return value.flatMap((v, i) => flatten(v, `${name}[${i}]`, depth + 1))
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return name === '' ? [] : [[name, 'none']]
  return entries.flatMap(([key, v]) =>
    flatten(v, name === '' ? clean(key, 80) : `${name}.${clean(key, 80)}`, depth + 1),
  )
}

const formats = (names: string): string =>
  names
    .split(', ')
    .map((name) => (/^bed$/i.test(name) ? 'PLINK BED' : clean(name, 40).toUpperCase()))
    .join(' and ')

/** What else the cohort itself told: the shape of its decline and the noise of its visits. */
function noiseWords({ mixedModel, visitNoise }: CallsSummary): string {
  if (!visitNoise?.early || mixedModel?.growthPerYear === undefined) return ''
  const growth = mixedModel.growthPerYear
  const [first = 0] = visitNoise.early
  return ` As this cohort shows, loss ${growth < 0 ? 'wears off' : 'grows'} by ${percent(Math.abs(growth))} of itself a year, the first visit’s rating is ${fixed(Math.abs(first), 1)} points ${first < 0 ? 'below' : 'above'} what follows (practice, if below), and the noise of neighbouring visits has a correlation of ${fixed(visitNoise.neighbours ?? 0, 2)}; the posterior takes all three into account.`
}

/** What was compared with a reference sequence, or that nothing was. */
function referenceWords({ reference }: GenotypesSummary): string {
  if (!reference)
    return 'No reference sequence was given: reference alleles are as the files say, and indels are not left-aligned.'
  const lost = Object.values(reference.dropped).reduce((sum, n) => sum + n, 0)
  return `Reference alleles were compared with ${clean(reference.file, 80)} (SHA-256 ${clean(reference.sha256, 12)}…): of ${count(reference.compared)} variants ${count(reference.exchanged)} had reference and alternate exchanged and were turned round, ${count(lost)} disagreed and were left out; ${count(reference.leftAligned)} indels were left-aligned.`
}

/** Cases short of controls, by name, with the reason. */
function shortCases({ losses = [] }: MatchingSummary): string {
  if (losses.length === 0) return ''
  const shown = losses.slice(0, 6).map(({ reason }) => typeset(reason))
  const more = losses.length > shown.length ? ` And ${losses.length - shown.length} more.` : ''
  return ` Fewer controls than asked for: ${shown.join(' ')}${more}`
}

/** How several cohorts became one. */
function mergingWords({ cohorts, merge }: GenotypesSummary): string {
  if (!cohorts || !merge) return ''
  const list = cohorts
    .map((c) => `${clean(c.cohort, 24)} (${plural(c.samples, 'sample')}, ${count(c.variants)} variants)`)
    .join(', ')
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .map(([why, n]) => `${clean(why, 80)} ${count(n)}`)
      .join(', ')
  const changed = counts(merge.changed)
  return ` The cohorts ${list} were merged by position and alleles: variants that ${merge.rules.require === 'all' ? 'every cohort has' : 'any cohort has'}, strand-ambiguous ones ${merge.rules.ambiguous === 'drop' ? 'left out' : 'kept as written'}, the other strand ${merge.rules.strand === 'drop' ? 'left out' : 'complemented'}. Left out on merging: ${counts(merge.dropped) || 'none'}.${changed === '' ? '' : ` Not as they stood: ${changed}.`}`
}

/** How calls by total scores and by single items agree. */
function itemWords(items: CallsSummary['itemLevel']): string {
  if (!items) return ''
  const { weighed, confidentByBoth, confidentByTotals, confidentByItems, differ } = items
  return ` The posterior was also taken from the single items (graded response model with each person’s own profile), for ${plural(weighed, 'person', 'people')} whose score rose: ${count(confidentByBoth)} reached 0.9 by both, ${count(confidentByTotals)} by totals alone and ${count(confidentByItems)} by items alone; ${plural(differ, 'person is', 'people are')} on different sides of 0.5 or 0.9, listed in calls.json with what the items did.`
}

function paragraphs(study: Study): [string, string][] {
  const r = study.results
  const out: [string, string][] = []
  const intake = r.intake
  if (intake)
    out.push([
      'Visits',
      `${plural(intake.visits, 'visit')} of ${plural(intake.patients, 'person', 'people')} were read from ${sourceName(intake.source)} records. ${
        intake.findings.length === 0
          ? 'Nothing had to be mended or refused.'
          : `${intake.findings
              .map(
                (f) =>
                  `${capital(clean(f.message, 240)).replace(/\.$/, '')} (${plural(f.count, 'place')}, ${f.action}).`,
              )
              .join(' ')}`
      }`,
    ])
  const calls = r.callsSummary
  if (calls) {
    const main = calls.definitions.find((d) => d.id === calls.definition)
    const m = calls.mixedModel
    out.push([
      'Calls of reversal',
      `Cases meet “${clean(main?.title ?? calls.definition, 60)}”${main ? ` (definition ${clean(main.id, 40)}, version ${clean(main.version, 20)})` : ''}; ${count(calls.definitions.length)} definitions were computed for everyone. Each call carries the posterior probability that the latent ALSFRS-R score rose at least 4 points above its nadir and stayed there 365 days, shown over priors of ${chosenPercent(calls.priorRange[0])} to ${chosenPercent(calls.priorRange[1])}.${
        m
          ? ` The cohort’s mixed model (random intercept and slope, restricted maximum likelihood) has a mean slope of ${fixed(m.slopePerMonth, 2)} points a month (standard deviation ${fixed(m.sdSlope, 2)}) and a visit-to-visit standard deviation of ${fixed(m.sdResidual, 1)} points.`
          : ''
      }${noiseWords(calls)}${itemWords(calls.itemLevel)}${
        calls.adjudication == null
          ? ''
          : ` ${plural(calls.adjudication.people, 'person was', 'people were')} judged by ${plural(calls.adjudication.raters.length, 'rater')} (${count(calls.adjudication.confirmed)} confirmed, ${count(calls.adjudication.rejected)} rejected, ${count(calls.adjudication.deferred)} deferred, ${count(calls.adjudication.disagreed)} disagreed upon), and that counts before the rule: by rules alone there would be ${plural(calls.adjudication.without.cases, 'case')} and ${plural(calls.adjudication.without.controls, 'control')}.`
      }`,
    ])
  }
  const g = r.genotypes
  if (g)
    out.push([
      'Genotypes',
      `${count(g.variants)} variants of ${plural(g.samples, 'sample')} on ${clean(g.build, 20)} were read from ${formats(g.format)} (${count(g.records)} records).${mergingWords(g)}${
        g.filters ? ` On reading, ${g.filters.map((rule) => clean(rule, 300)).join('; ')}.` : ''
      }${
        Object.keys(g.dropped).length > 0
          ? ` Left out or changed on reading: ${Object.entries(g.dropped)
              .map(([why, n]) => `${clean(why, 80)} ${count(n)}`)
              .join(', ')}.`
          : ''
      } Multi-allelic records are split; a variant is named by chromosome, position, reference and alternate allele. ${referenceWords(g)}`,
    ])
  const q = r.quality
  if (q) {
    const steps = (side: { steps: { filter: string; rule: string; removed: number }[] }) =>
      side.steps.map((s) => `${clean(s.filter, 60)} (${typeset(s.rule, 260)}; ${count(s.removed)} removed)`).join('; ')
    out.push([
      'Quality control',
      `Samples: ${steps(q.samples)}. Variants: ${steps(q.variants)}. ${plural(q.pairs.length, 'pair')} of relatives or duplicates by KING-robust kinship; ${plural(q.sexMismatches.length, 'person', 'people')} with recorded and genetic sex at odds. No filter looked at case status.${q.notes.length > 0 ? ` ${q.notes.map((n) => typeset(n)).join(' ')}` : ''}`,
    ])
  }
  const a = r.ancestrySummary
  if (a)
    out.push([
      'Ancestry',
      `${plural(a.components, 'principal component')} of ${count(a.variants)} variants pruned for linkage disequilibrium; the sign of a component makes its largest loading positive. Outliers: ${typeset(a.rule)}.`,
    ])
  const m = r.matching
  if (m)
    out.push([
      'Matching',
      `${sentence(readable(m.method).replaceAll('_', ' '))} ${capital(plural(m.controlsNotAtRisk, 'control'))} had not been observed long enough for any case.${shortCases(m)}`,
    ])
  const c = r.calibration
  if (c)
    out.push([
      'Calibration and unblinding',
      `Before genotypes and labels were joined, ${plural(c.replicates, 'null replicate')} were run on the sealed design (${count(c.design.people)} people, ${count(c.design.cases)} cases, ${plural(c.design.strata, 'stratum', 'strata')}, label sets ${clean(c.design.masks, 60)}). The primary test was frozen then: ${isFirth(c.primary.test) ? '' : 'the '}${testWords(c.primary.test)} at level ${chosen(c.primary.alpha)} (${clean(c.primary.rule, 120)}). ${isFirth(c.primary.test) ? `${typeset(c.tests.find((t) => isFirth(t.test))?.sentence ?? '')} Beside it, the family-wise test: ` : ''}${typeset(c.sentence)} ${typeset(c.recommendation?.sentence ?? '')} ${c.notes.map((n) => typeset(n)).join(' ')}`,
    ])
  const s = r.association
  if (s)
    out.push([
      'Association',
      [
        ...(s.matched ? sayMatched(s.matched).map((sentence) => typeset(readable(sentence))) : []),
        `Each of ${count(s.variantsTested)} variants was tested by ${
          s.matched
            ? matchedTests(adjusted(s))
            : adjusted(s)
              ? 'the conditional Cochran–Armitage trend given the fitted risks (two-sided, ties counted as extreme)'
              : 'the exact conditional Cochran–Armitage trend (two-sided, ties counted as extreme; p and mid-p), Fisher’s test on the 2 × 3 table,'
        } and Firth’s penalised ${s.matched ? 'conditional ' : ''}logistic regression (penalised likelihood ratio) with covariates ${s.covariates.map((v) => variableName(v).toLowerCase().replace(/^pc/, 'PC')).join(', ') || 'none'}.${
          adjusted(s)
            ? ' Tests of the bare genotype table, which covariates cannot enter, stand in the table of associations for comparison and are used nowhere in this report.'
            : ''
        }`,
        ...s.families.map(
          (f) =>
            `Family-wise p is single-step min-p (Westfall and Young) over ${count(f.distinctVariants)} distinct genotype columns with ${count(f.labelSets)} label sets (${f.masks}): smallest p ${pPlain(f.minimumP)}, family-wise p ${pPlain(f.familyP)} (95% interval ${pPlain(f.familyPLow)} to ${pPlain(f.familyPHigh)}); a relabelling shares ${percent(f.meanOverlap)} of the observed cases on average.`,
        ),
        `Beside it: Bonferroni over ${count(s.bonferroni.tests)} tests (${pPlain(s.bonferroni.threshold)}) and Tarone over ${count(s.tarone.tests)} that could reach it (${pPlain(s.tarone.threshold)}).`,
        `Status of the rows: ${statusSentence(study)}.`,
        Object.keys(s.flags).length > 0
          ? `Flags, which remove nothing: ${Object.entries(s.flags)
              .map(([f, n]) => `${clean(f, 40).replaceAll('_', ' ')} ${count(n)}`)
              .join(', ')}.`
          : '',
      ].join(' '),
    ])
  const loci = r.loci
  if (loci)
    out.push([
      'Loci',
      `${sentence(readable(loci.rule))} Linkage disequilibrium is that of the study’s own people. ${loci.notes.map((n) => typeset(n)).join(' ')}`,
    ])
  const b = r.biomarkers
  if (b && b.biomarkers.length > 0)
    out.push([
      'Biomarkers',
      `Censored (Tobit) regression on the log scale; values below the limit are censored, never replaced. ${[...b.notes, ...b.biomarkers.flatMap((m) => m.notes.map((n) => `${m.name}: ${n}`))].map((n) => typeset(n)).join(' ')}`,
    ])
  const survival = r.survival
  if (survival && survival.leads.length > 0)
    out.push([
      'Survival and time to reversal',
      `${typeset(survival.rule)} ${survival.left.length === 0 ? '' : `Left out: ${survival.left.map(({ reason, people: n }) => `${count(n)} (${clean(reason, 80).replaceAll('_', ' ')})`).join(', ')}.`} ${survival.leads.flatMap((lead) => lead.notes.map((note) => typeset(readable(note)))).join(' ')} Research use only: no number here is a prognosis.`,
    ])
  const p = r.plan
  if (p) out.push(['Planning', p.notes.map((n) => typeset(n)).join(' ')])
  return out.filter(([, words]) => words.trim() !== '')
}

/** The exact tests of a matched design; who is not called has dropped out of the set. */
const matchedTests = (adjusted: boolean): string =>
  `${adjusted ? 'the Cochran–Armitage trend within the matched sets given the odds fitted within them' : 'the exact Cochran–Armitage trend within the matched sets'} (two-sided, ties counted as extreme; for the ranks given how many cases are called in all, in the table of associations given those called in each set), Fisher’s 2 × 3 test within the sets,`

/** Every stage in words, then every parameter after defaults. */
export function methodsSection(study: Study): Markup {
  const { manifest } = study.results
  const parameters = flatten(manifest.parameters)
  return html`<section id="methods" aria-labelledby="h-methods"><h2 id="h-methods">Methods</h2>
<p>Upturn ${clean(manifest.upturn, 20)} on Node ${clean(manifest.machine.node, 20)}, seed ${String(manifest.seed)}. All numbers below come from the result files of this run.</p>
${paragraphs(study).map(([title, words]) => html`<h3>${title}</h3><p>${words}</p>`)}
${parameters.length > 0 ? html`<h3>Every parameter, after defaults</h3>${dataTable({ columns: ['Parameter', 'Value'], rows: parameters }, 'Every parameter', false)}` : null}
</section>`
}
