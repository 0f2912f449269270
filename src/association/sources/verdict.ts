import { sayP } from '../../results/say.ts'
import type { SourceContrast, SourceMeasure, SourcesSummary, SourceVerdict } from '../../results/sources.ts'

/** What the comparison of sources says, why it matters, and what would settle it. */
export function sourcesVerdict(
  people: SourcesSummary['people'],
  contrasts: readonly SourceContrast[],
  measures: readonly SourceMeasure[],
): { verdict: SourceVerdict; sentences: string[] } {
  if (people.length === 0)
    return {
      verdict: 'not recorded',
      sentences: [
        'No source of DNA is recorded, so whether cases and controls were handled alike cannot be examined. Record for everyone where the DNA came from and which laboratory and batch read it.',
      ],
    }
  const technical = measures.filter(({ differs }) => differs)
  const measured =
    technical.length === 0
      ? []
      : [
          `Sources differ in ${technical.map(({ measure, p }) => `${measure} (p ${sayP(p ?? 1)}, Kruskal-Wallis)`).join(', ')}: samples were not read alike, and calls that are missing or wrong more often in one source can look like an association.`,
        ]
  if (people.length === 1)
    return {
      verdict: 'one source',
      sentences: [`All DNA comes from one source (${people[0].source}), so no source can stand for the disease.`],
    }
  const confounded = people.filter(({ cases, controls }) => cases === 0 || controls === 0)
  const holds = confounded.map(({ source, cases }) => `${source} holds only ${cases > 0 ? 'cases' : 'controls'}`)
  const tested = contrasts.filter(({ untested }) => untested === null)
  const differing = tested.filter(({ differing: n }) => n > 0)
  const among = differing.map(
    ({ source, differing: n, familyP }) =>
      `among controls ${n === 1 ? 'one variant differs' : `${n} variants differ`} between ${source} and the other sources beyond chance (family-wise p ${sayP(familyP ?? 1)})`,
  )
  const flagged =
    'Those variants carry the flag control_sources_differ in the association; a lead among them is an artefact until it is genotyped by another method.'
  if (differing.length > 0)
    return {
      verdict: 'differ',
      sentences: [
        `${capital(among.join('; '))}. ${flagged}`,
        ...measured,
        ...(holds.length > 0 ? [`${capital(holds.join(', '))}.`] : []),
      ],
    }
  if (confounded.some(({ cases }) => cases > 0))
    return {
      verdict: 'confounded',
      sentences: [
        `${capital(holds.join(', '))}: an artefact of a source cannot be told from the disease${tested.length === 0 ? ', and no controls of the same source as the cases say how it behaves' : ''}. Genotype controls from the source of the cases, in the same batch, or the lead by another method in everyone.`,
        ...measured,
      ],
    }
  if (tested.length === 0)
    return {
      verdict: 'cannot be told',
      sentences: [
        `Sources could not be compared among controls: ${[...new Set(contrasts.map(({ source, untested }) => `${source}: ${untested}`))].join('; ')}.`,
        ...measured,
      ],
    }
  return {
    verdict: technical.length > 0 ? 'differ' : 'alike',
    sentences: [
      `Among controls no variant differs between sources beyond chance (${tested.map(({ source, familyP, controls, others }) => `${source}, ${controls} against ${others}: family-wise p ${sayP(familyP ?? 1)}`).join('; ')}). With so few people this rules out gross artefacts, not subtle ones.`,
      ...measured,
    ],
  }
}

const capital = (sentence: string) => sentence.charAt(0).toUpperCase() + sentence.slice(1)
