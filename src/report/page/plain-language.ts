import { html, italic, type Markup } from '../markup.ts'
import { count, people, plural } from '../numbers.ts'
import { leadEffect, type Study } from '../study.ts'
import { doubtfulCases, replicationNeed } from './answer.ts'

/** "about 1 in 90": a small probability as a frequency. */
function oneIn(negLog10: number): string {
  const p = 10 ** -negLog10
  if (p >= 0.095) return `about ${count(Math.round(p * 10))} in 10`
  const n = 1 / p
  const power = 10 ** Math.max(0, Math.floor(Math.log10(n)) - 1)
  return `about 1 in ${count(Math.round(n / power) * power)}`
}

/** Questions and answers that need no training; no p-values, no symbols. */
function answers(study: Study): [string, string[]][] {
  const { association, replication } = study.results
  const gene = study.gene ? italic(study.gene.symbol) : null
  const doubted = doubtfulCases(study)
  const effect = leadEffect(study)
  const need = replicationNeed(study)
  const lead = association?.lead
  const carriers = (n: number[]) => n[1] + n[2]
  const shares = lead
    ? `${count(carriers(lead.counts.slice(0, 3)))} of ${count(lead.counts[0] + lead.counts[1] + lead.counts[2])} people who improved carry it, against ${count(carriers(lead.counts.slice(3)))} of ${count(lead.counts[3] + lead.counts[4] + lead.counts[5])} of the others.`
    : ''
  const place = gene ? `${study.gene?.inside ? 'in' : 'near'} the gene ${gene}` : 'at one place in the genome'
  const primary = association?.primary
  const found = !association
    ? ['The genetic comparison was not made.']
    : !lead
      ? ['No place in the genome could be compared.']
      : primary?.significant
        ? [
            `One spelling of the DNA ${place} was ${effect && effect.or < 1 ? 'rarer' : 'more common'} in the people who improved. ${shares}`,
            `If chance alone were at work, ${oneIn(primary.negLog10P)} such studies would show a difference this strong.`,
          ]
        : [
            `Nothing that can be relied on. The largest difference lay ${place}: ${shares}`,
            primary && /family/.test(primary.test)
              ? `But among so many places, ${oneIn(primary.negLog10P)} studies like this one would show a difference as large by chance alone.`
              : 'It is not large enough to rule out chance by the test that was chosen before.',
          ]
  return [
    [
      'What was asked?',
      [
        'ALS almost always gets worse. Very rarely, someone gets better and stays better. This study asks whether the genes of such people differ from those of people with the usual course.',
      ],
    ],
    [
      'Who took part?',
      [
        `${count(study.cases)} people whose ALS improved, and ${count(study.controls)} with the usual course.${doubted > 0 ? ` For ${people(doubted)} of the first group the records leave doubt whether the improvement was real, since scores also go up and down by themselves.` : ''}`,
      ],
    ],
    ['What was found?', found],
    [
      'How sure is this?',
      [
        association?.sourceConfounded
          ? 'Not sure. The samples of the two groups were not taken and handled in the same way, and that alone can make such a difference.'
          : `With ${count(study.cases)} people, not very. ${effect && primary?.significant ? 'A small study that finds something tends to find it too large.' : 'A small study can miss a real difference.'}`,
        !replication || replication.kind === 'none' || replication.sharedCases > 0
          ? 'Nobody has yet looked in other people who improved.'
          : 'It was also looked for in other people who improved.',
      ],
    ],
    [
      'What does it not mean?',
      [
        'It is not a test, a treatment or a reason to change one. Carrying or not carrying this spelling tells no single person what will happen to them.',
      ],
    ],
    [
      'What comes next?',
      [
        need
          ? need.unbounded
            ? `The same question must be asked of new people. If there is a real difference, at least ${plural(need.least.cases, 'person', 'people')} who improved would be needed, each with ${plural(need.ratio, 'person', 'people')} who did not, and many more if it is small. There may be none at all, and then no number would be enough.`
            : `The same question must be asked of new people: about ${plural(need.cases, 'person', 'people')} who improved, each with ${plural(need.ratio, 'person', 'people')} who did not, if the true difference is as large as this study’s corrected estimate.`
          : 'A larger study is needed; this one cannot say how large.',
      ],
    ],
  ]
}

export function plainSection(study: Study): Markup {
  return html`<section id="plain" class="plain" aria-labelledby="h-plain"><h2 id="h-plain">In plain language</h2>
${answers(study).map(([question, words]) => html`<h3>${question}</h3>${words.map((w) => html`<p>${w}</p>`)}`)}
</section>`
}

/** The same as a page of its own, whose heading is the study. */
export function plainMain(study: Study): Markup {
  return html`<main class="column"><section id="plain" class="questions" aria-label="Summary">
${answers(study).map(([question, words]) => html`<h2>${question}</h2>${words.map((w) => html`<p>${w}</p>`)}`)}
</section></main>`
}
