import type { AdjudicationSummary } from '../../results/index.ts'
import { clean, html, type Markup, typeset } from '../markup.ts'
import { count, fixed, plural } from '../numbers.ts'
import type { Study } from '../study.ts'
import { dataTable } from './figure.ts'

type Pair = AdjudicationSummary['agreement'][number]

const kappaWords = ({ kappa, low, high }: Pair['kappa']): string =>
  kappa === null
    ? 'cannot be told'
    : low === null || high === null
      ? `${fixed(kappa, 2)} (too few people for limits)`
      : `${fixed(kappa, 2)} (${fixed(low, 2)} to ${fixed(high, 2)})`

/** The study with and without what people judged of its calls, and how far raters agree; null where nobody judged. */
export function adjudicationTable(study: Study): Markup | null {
  const summary = study.results.callsSummary
  const found = summary?.adjudication
  if (summary === null || found == null) return null
  const title = 'The calls as people judged them'
  const raters = 'How far raters agree'
  return html`<h3>${title}</h3>
<p>${plural(found.people, 'person was', 'people were')} judged by ${plural(found.raters.length, 'rater')}: ${count(found.confirmed)} confirmed, ${count(found.rejected)} rejected, ${count(found.deferred)} deferred, ${count(found.disagreed)} disagreed upon. Whoever is confirmed is a case; a call that is rejected, deferred or disagreed upon is neither case nor control; who was not judged stays as the rule says. All results here count that.</p>
${dataTable(
  {
    columns: ['Before quality control of genotypes', 'Cases', 'Controls'],
    rows: [
      ['With what people judged (this study)', summary.cases, summary.controls],
      ['By rules alone', found.without.cases, found.without.controls],
    ],
    note: 'Whoever has a recorded mimic or mutation is left out of both as the study’s strictness says, also when confirmed.',
  },
  title,
)}${
  found.agreement.length === 0
    ? null
    : html`<h3>${raters}</h3>${dataTable(
        {
          columns: [
            'Raters',
            'People',
            'Differ on',
            'Kappa: confirm, reject, defer',
            'Kappa: confirm against the rest',
          ],
          rows: found.agreement.map(({ a, b, kappa, confirm, differ }) => [
            `${clean(a, 40)} and ${clean(b, 40)}`,
            kappa.people,
            differ.length,
            kappaWords(kappa),
            kappaWords(confirm),
          ]),
          note: 'Cohen’s kappa with 95% limits: large-sample, rough for a few dozen people; where nobody differs, from the exact limit of the share that could.',
        },
        raters,
      )}`
}${found.notes.length === 0 ? null : html`<ul class="notes">${found.notes.map((note) => html`<li>${typeset(note)}</li>`)}</ul>`}`
}
