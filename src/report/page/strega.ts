import { clean, html, type Markup } from '../markup.ts'
import { count, plural } from '../numbers.ts'
import { capital, readable, type Study, sourceName } from '../study.ts'

interface Item {
  item: string
  topic: string
  /** Anchor and its words; null where only the authors can write it. */
  where: [string, string] | null
  what: string
}

const authors = 'Not in the result files: for the authors to write.'

/** STREGA's items, answered from results; what results cannot know is left to the authors in so many words. */
function stregaItems(study: Study): Item[] {
  const r = study.results
  const { association, quality, genotypes, callsSummary, ancestrySummary, matching, replication, calibration } = r
  const sources = new Set(r.patients.map((p) => p.dna_source).filter((s): s is string => s !== null && s !== ''))
  const hwe = association?.flags.hwe
  const item = (number: string, topic: string, where: Item['where'], what: string): Item => ({
    item: number,
    topic,
    where,
    what,
  })
  return [
    item(
      '1',
      'Title and abstract',
      ['answer', 'The answer'],
      'Case-control genome scan of reversal; the answer with its uncertainty stands first.',
    ),
    item('2', 'Background and rationale', null, authors),
    item(
      '3',
      'Objectives; first report or replication',
      ['answer', 'The answer'],
      !replication || replication.kind === 'none'
        ? 'A first report; no second cohort was given.'
        : replication.kind === 'replication'
          ? 'Report with a replication in new cases.'
          : 'A first report with a check of the control set; not a replication.',
    ),
    item(
      '4',
      'Study design',
      ['methods', 'Methods'],
      `Case-control: ${count(study.cases)} cases, ${count(study.controls)} controls.`,
    ),
    item('5', 'Setting, places and dates', null, authors),
    item(
      '6a',
      'Eligibility; selection of subsets',
      ['fig-flow', 'Flow of people'],
      callsSummary ? `Definition “${clean(callsSummary.definition, 40)}”; every loss counted.` : 'Every loss counted.',
    ),
    item(
      '6b',
      'Matching criteria',
      matching ? ['fig-balance', 'Balance'] : null,
      matching
        ? `${capital(clean(readable(matching.method), 80))}, up to ${plural(matching.ratio, 'control')} a case.`
        : 'No matching was made.',
    ),
    item(
      '7',
      'Outcomes, exposures, confounders; nomenclature of variants',
      ['methods', 'Methods'],
      `Variants as chromosome, position, reference, alternate${genotypes ? ` on ${clean(genotypes.build, 20)}` : ''}; covariates ${association?.covariates.map((c) => clean(c, 24)).join(', ') || 'none'}.`,
    ),
    item(
      '8a',
      'Sources of data and measurement',
      ['methods', 'Methods'],
      r.intake ? `${sourceName(r.intake.source)} records; findings of intake listed.` : authors,
    ),
    item(
      '8b',
      'DNA source, platform, calling, error and call rates, batches',
      ['fig-quality', 'Quality'],
      `Call rates are given. DNA source: ${sources.size > 0 ? [...sources].map((s) => clean(s, 24)).join(', ') : 'not recorded'}. Laboratory, platform and calling algorithm with version: for the authors to write.${association?.sourceConfounded ? ' Cases and controls differ in source.' : ''}`,
    ),
    item(
      '9',
      'Bias',
      ['doubt', 'Doubt'],
      'Source, ancestry, relatedness, immortal time and misclassified cases, each with a figure or a sentence.',
    ),
    item(
      '10',
      'Study size',
      ['fig-power', 'Power'],
      calibration
        ? `Power of this design simulated at ${plural(calibration.power.length, 'effect')}.`
        : 'The size was given by the cohort.',
    ),
    item(
      '11',
      'Quantitative variables',
      ['methods', 'Methods'],
      'Biomarkers on the log scale, values below the limit as censored.',
    ),
    item(
      '12a',
      'Statistical methods and software version',
      ['methods', 'Methods'],
      `Upturn ${clean(r.manifest.upturn, 20)}; every parameter listed.`,
    ),
    item(
      '12b–e',
      'Subgroups, missing data, matching, sensitivity',
      ['fig-forest', 'All tests'],
      `Every test beside the primary one; missing calls are left out of that variant’s table only. ${
        association?.matched
          ? `Matching: every test within ${plural(association.matched.sets, 'set')}; sensitivity: the same people with the sets ignored.`
          : 'The analysis ignores matched sets.'
      }`,
    ),
    item(
      '12f',
      'Hardy–Weinberg equilibrium',
      ['methods', 'Methods'],
      `Tested in controls; a flag, not a filter${hwe === undefined ? '' : `: ${plural(hwe, 'variant')} flagged`}.`,
    ),
    item(
      '12g',
      'Inferred genotypes or haplotypes',
      ['methods', 'Methods'],
      'Calls were used as they stand in the files; nothing was imputed here.',
    ),
    item(
      '12h',
      'Population stratification',
      ['fig-ancestry', 'Ancestry'],
      ancestrySummary
        ? `${plural(ancestrySummary.components, 'component')}; ${plural(ancestrySummary.outliers.length, 'outlier')}.`
        : 'Components were not computed.',
    ),
    item(
      '12i',
      'Multiple comparisons',
      ['fig-manhattan', 'Scan'],
      'Family-wise min-p by relabelling; Bonferroni and Tarone beside it.',
    ),
    item(
      '12j',
      'Relatedness',
      ['fig-quality', 'Quality'],
      quality ? `KING-robust kinship: ${plural(quality.pairs.length, 'pair')} found.` : 'Not examined.',
    ),
    item(
      '13a',
      'Numbers at each stage; genotyping attempted and successful',
      ['fig-flow', 'Flow of people'],
      quality
        ? `${count(quality.samples.total)} samples in the files, ${count(quality.samples.kept)} kept.`
        : 'See the flow of people.',
    ),
    item(
      '14',
      'Descriptive data',
      ['fig-genotypes', 'Genotypes'],
      'By genotype for the lead; balance of covariates before and after matching.',
    ),
    item(
      '15',
      'Outcomes by genotype',
      ['fig-genotypes', 'Genotypes'],
      'Counts of cases and controls by genotype of the lead; of all variants in the table of associations.',
    ),
    item(
      '16',
      'Main results with intervals and adjustment',
      ['fig-forest', 'All tests'],
      'Odds ratios with 95% limits and covariates; family-wise p with its own interval.',
    ),
    item(
      '17',
      'Other analyses; where full results are',
      ['provenance', 'Provenance'],
      'All variants in associations.parquet and the GWAS-SSF file of this run.',
    ),
    item(
      '18–21',
      'Key results, limits, interpretation, generalisability',
      ['doubt', 'Doubt'],
      'Limits are stated with numbers; interpretation is for the authors.',
    ),
    item('22', 'Funding', null, authors),
  ]
}

export function stregaSection(study: Study): Markup {
  return html`<section id="strega" aria-labelledby="h-strega"><h2 id="h-strega">STREGA checklist</h2>
<p>Filled in from the results of this run. STREGA extends STROBE for genetic association studies (Little and others, 2009); what results cannot know is marked for the authors.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Items of the checklist"><table>
<thead><tr><th scope="col">Item</th><th scope="col">Topic</th><th scope="col">Where</th><th scope="col">What is reported</th></tr></thead>
<tbody>${stregaItems(study).map((i) => html`<tr><th scope="row">${i.item}</th><td>${i.topic}</td><td>${i.where ? html`<a href="#${i.where[0]}">${i.where[1]}</a>` : '–'}</td><td>${i.what}</td></tr>\n`)}</tbody></table></div></section>`
}
