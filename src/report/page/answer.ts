import { uncertain } from '../figures/trajectories.ts'
import { html, type Markup } from '../markup.ts'
import { chosen, count, pEquals, people, percent, plural, ratio } from '../numbers.ts'
import {
  isFirth,
  leadEffect,
  leadWithGene,
  primaryCalibration,
  type Study,
  testName,
  testWords,
  verdictWords,
} from '../study.ts'

const limit = (value: number | null) => (value === null || !Number.isFinite(value) ? 'none' : ratio(value))

interface ReplicationNeed {
  /** New cases at the corrected odds ratio, or at the first that was planned. */
  cases: number
  or: number
  ratio: number
  /** Fewest of the plan, at the effect as observed. */
  least: { cases: number; or: number }
  /** The corrected limits hold 1, or the lead is not significant: no number of cases is surely enough. */
  unbounded: boolean
}

export function replicationNeed(study: Study): ReplicationNeed | null {
  const plan = study.results.plan
  const corrected = plan?.achieved?.or
  const main =
    plan?.replication.find((c) => corrected !== undefined && Math.abs(c.or - corrected) < 1e-6) ??
    plan?.replication.at(0)
  if (!main || main.casesNeeded === null) return null
  const curse = plan?.winnersCurse
  let least = { cases: main.casesNeeded, or: main.or }
  for (const c of plan?.replication ?? [])
    if (c.casesNeeded !== null && c.casesNeeded < least.cases) least = { cases: c.casesNeeded, or: c.or }
  return {
    cases: main.casesNeeded,
    or: main.or,
    ratio: main.ratio,
    least,
    unbounded:
      study.results.association?.primary.significant !== true || (!!curse && curse.low <= 1 && curse.high >= 1),
  }
}

export function doubtfulCases(study: Study): number {
  const cases = study.results.groups.filter((g) => g.case === 1)
  return cases.length > 0 ? cases.filter(uncertain).length : (study.results.callsSummary?.uncertainCases ?? 0)
}

/** What was found, in two or three sentences; "significant" only from the frozen primary test. */
export function findingSentences(study: Study): string[] {
  const association = study.results.association
  if (!association) return ['The association was not computed, so nothing can be said about genes.']
  const primary = association.primary
  const groups = `${count(study.cases)} people whose ALS reversed and ${count(study.controls)} with a typical course`
  if (!association.lead) return [`Among ${groups}, no variant could be tested.`]
  const effect = leadEffect(study)
  const limits = effect
    ? `odds ratio ${ratio(effect.or)} for each copy, 95% limits ${limit(effect.low)} to ${limit(effect.high)}`
    : 'its odds ratio could not be estimated'
  const direction = effect && effect.or < 1 ? 'less' : 'more'
  const allele = study.genotypes[2].length === 2 ? `the ${association.lead.alt} allele` : 'the alternate allele'
  const family = !isFirth(primary.test)
  const chance = Math.round(10 ** -primary.negLog10P * 100)
  if (primary.significant)
    return [
      `Among ${groups}, ${allele} of ${leadWithGene(study)} is ${direction} common in the reversals: ${limits}.`,
      `This is significant by the one test named before the data were opened (${testWords(primary.test)}, ${pEquals(primary.negLog10P)} against a level of ${chosen(primary.alpha)}).`,
    ]
  return [
    `Among ${groups}, no genetic variant can be said to differ.`,
    `The strongest of ${count(association.variantsTested)}, ${leadWithGene(study)} (${limits}), does not pass the one test named before the data were opened (${testWords(primary.test)}, ${pEquals(primary.negLog10P)} against a level of ${chosen(primary.alpha)})${family && chance >= 1 ? `: with no true effect at all, about ${count(chance)} in 100 such studies would show one as strong` : ''}.`,
  ]
}

/** What keeps the finding from being certain. */
export function doubtSentences(study: Study): string[] {
  const { association, plan, replication } = study.results
  const out: string[] = []
  const curse = plan?.winnersCurse
  if (curse)
    out.push(
      association?.primary.significant
        ? `Because it was picked as the strongest, its true odds ratio is likely nearer ${ratio(curse.average)} (${ratio(curse.low)} to ${ratio(curse.high)}).`
        : `If it is real at all, its odds ratio is put at ${ratio(curse.average)} once its being picked as the strongest is allowed for, with 95% limits of ${ratio(curse.low)} to ${ratio(curse.high)}${curse.low <= 1 && curse.high >= 1 ? ', no effect among them' : ''}.`,
    )
  const doubted = doubtfulCases(study)
  if (doubted > 0)
    out.push(
      `Of the ${count(study.cases)} reversals, ${count(doubted)} ${doubted === 1 ? 'is itself' : 'are themselves'} uncertain.`,
    )
  const level = primaryCalibration(study)
  if (level?.verdict === 'anti-conservative')
    out.push('On this design the test calls more often than it should, so even its verdict is too strong.')
  if (level?.verdict === 'uncertain')
    out.push('Too few null studies were run to tell whether the test holds its level on this design.')
  if (association?.lead)
    out.push(
      !replication || replication.kind === 'none'
        ? 'The lead has not been tested in new people.'
        : replication.kind === 'replication' && replication.sharedCases === 0
          ? `The lead was tested in new people as well: ${replication.loci.every((l) => l.sameDirection) ? 'the effect points the same way' : 'the effect does not point the same way'}.`
          : 'The lead has been set against other controls, but never tested in new cases.',
    )
  const need = replicationNeed(study)
  if (need)
    out.push(
      need.unbounded
        ? `${association?.primary.significant ? 'A' : 'If there is an effect, a'} replication needs at least ${count(need.least.cases)} new cases with ${plural(need.ratio, 'control')} each (odds ratio ${ratio(need.least.or)})${need.least.cases === need.cases ? '' : `, and ${count(need.cases)} at an odds ratio of ${ratio(need.or)}`}; no number is surely enough, since no effect at all is not ruled out.`
        : `A replication would need about ${count(need.cases)} new cases with ${plural(need.ratio, 'control')} each.`,
    )
  return out
}

function tile(label: string, value: string, more: string): Markup {
  return html`<div><dt>${label}</dt><dd><span class="value">${value}</span> <span class="more">${more}</span></dd></div>`
}

function numbers(study: Study): Markup {
  const { association, plan } = study.results
  const effect = leadEffect(study)
  const need = replicationNeed(study)
  const curse = plan?.winnersCurse
  const doubted = doubtfulCases(study)
  const primary = association?.primary
  const level = primaryCalibration(study)
  const significant = primary?.significant === true
  return html`<dl class="numbers">
${tile('Cases and controls', `${count(study.cases)} / ${count(study.controls)}`, doubted > 0 ? `${people(doubted)} among the cases uncertain` : 'every case call confident')}
${tile('Odds ratio of the lead', effect ? ratio(effect.or) : '–', effect ? `95% limits ${limit(effect.low)} to ${limit(effect.high)}, Firth` : 'not estimated')}
${tile('Corrected for selection', curse ? ratio(curse.average) : '–', curse ? `95% limits ${ratio(curse.low)} to ${ratio(curse.high)}${significant ? '' : '; if it is real at all'}` : 'no lead to correct')}
${tile('Primary test', primary ? pEquals(primary.negLog10P) : '–', primary ? `${testName(primary.test)}; level ${chosen(primary.alpha)}; ${primary.significant ? 'significant' : 'not significant'}` : 'not run')}
${tile('False alarms of that test', level ? percent(level.rate) : '–', level ? `${level.counted}; ${verdictWords(level.verdict)}` : 'not calibrated')}
${tile('To replicate', need ? (need.unbounded ? `${count(need.least.cases)} cases or more` : `${count(need.cases)} cases`) : '–', need?.unbounded ? `80% power: ${count(need.cases)} at odds ratio ${ratio(need.or)}, no upper limit, since no effect is not ruled out; ${plural(need.ratio, 'control')} each` : need ? `80% power at odds ratio ${ratio(need.or)}, ${plural(need.ratio, 'control')} each` : 'no size tried was enough')}
</dl>`
}

/** The first section: the answer, its uncertainty, and six numbers. */
export function answerSection(study: Study): Markup {
  const association = study.results.association
  return html`<section id="answer" aria-labelledby="h-answer"><h2 id="h-answer">The answer</h2>
${association?.sourceConfounded ? html`<div class="warning"><p>${association.sourceSentence ?? 'Cases and controls come from sources that hold only one of them, so an artefact of the source cannot be told from the disease.'}</p></div>` : null}
<p class="lede">${findingSentences(study).join(' ')} ${doubtSentences(study).join(' ')}</p>
${numbers(study)}</section>`
}
