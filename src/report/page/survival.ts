import type { CopyHazard } from '../../results/index.ts'
import { clean, html, type Markup, typeset } from '../markup.ts'
import { count, interval, pValue } from '../numbers.ts'
import { readable, type Study } from '../study.ts'
import { dataTable } from './figure.ts'

const title = 'Survival and time to reversal by genotype of the lead'

/** What stands where no ratio could be fitted. */
const noRatio: Readonly<Record<Exclude<CopyHazard['status'], 'ok'>, string>> = {
  nobody: 'nobody followed',
  no_events: 'no events',
  few_events: 'too few events',
  monomorphic: 'one genotype only',
  collinear: 'genotypes follow covariates',
  too_large: 'too large to fit here',
  not_converged: 'the fit did not settle',
}

/** Each lead's association with survival among controls, and with reversal and death among everybody; null where the stage was not run. */
export function survivalTables(study: Study): Markup | null {
  const leads = study.results.survival?.leads ?? []
  if (leads.length === 0) return null
  const rows = leads.flatMap(({ lead, controls, reversal, death }) =>
    (
      [
        ['death', 'controls', controls],
        ['reversal', 'everybody', reversal],
        ['death without reversal', 'everybody', death],
      ] as const
    ).map(([event, who, hazard]) => [
      clean(lead, 40),
      event,
      `${who}, ${count(hazard.people)}`,
      hazard.events,
      hazard.byCopies.map(({ people, events }) => `${count(events)} of ${count(people)}`).join(', '),
      hazard.status === 'ok' ? interval(hazard.ratio, hazard.low, hazard.high) : noRatio[hazard.status],
      hazard.status === 'ok' ? pValue(hazard.negLog10P) : '–',
    ]),
  )
  return html`<h3>${title}</h3><p>${typeset(readable(leads[0].sentence))}</p>${dataTable(
    {
      columns: [
        'Lead',
        'Event',
        'People',
        'Events',
        'Events by 0, 1, 2 copies',
        'Hazard ratio of a copy (95% limits)',
        'p',
      ],
      rows,
      note: `${leads.length > 1 ? 'Every lead that was reported; the words above are of the first. ' : ''}Cox regression with Firth’s penalty from onset, entered at the first visit. Reversal and death are each other’s competing risk: read together, not apart. Research use only; no prognosis of a person.`,
    },
    title,
  )}`
}
