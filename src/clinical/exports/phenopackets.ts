import { alsfrsItems } from '../../results/clinical.ts'
import {
  alsTerm,
  dayZeroReference,
  diagnosisTerm,
  escorialTerm,
  itemTerms,
  madeUpDates,
  onsetSiteTerms,
  ownPrefix,
  researchOnly,
  researchOnlySentence,
  reversalTerm,
  riluzoleTerm,
  scaleTerms,
  scoreUnit,
  type Term,
  totalTerms,
} from '../terms.ts'
import { lostFunctions } from './functions.ts'
import { ageAtZero, type ExportedPerson } from './people.ts'
import { dayWriter } from './times.ts'

export interface PhenopacketOptions {
  /** The study's own definition, with its version. */
  definition: string
  /** RFC 3339; when the export was made. */
  created: string
  createdBy: string
}

const resources = [
  {
    id: 'hp',
    name: 'Human Phenotype Ontology',
    url: 'http://purl.obolibrary.org/obo/hp.owl',
    version: 'identifiers only',
    namespacePrefix: 'HP',
    iriPrefix: 'http://purl.obolibrary.org/obo/HP_',
  },
  {
    id: 'mondo',
    name: 'Mondo Disease Ontology',
    url: 'http://purl.obolibrary.org/obo/mondo.owl',
    version: 'identifiers only',
    namespacePrefix: 'MONDO',
    iriPrefix: 'http://purl.obolibrary.org/obo/MONDO_',
  },
  {
    id: 'ucum',
    name: 'Unified Code for Units of Measure',
    url: 'https://ucum.org',
    version: 'identifiers only',
    namespacePrefix: 'UCUM',
    iriPrefix: 'https://ucum.org/',
  },
  {
    id: 'upturn',
    name: 'Codes of Upturn, described in its documentation of exports',
    url: 'urn:upturn:terms',
    version: '1',
    namespacePrefix: ownPrefix,
    iriPrefix: 'urn:upturn:terms:',
  },
]

const researchReference = { id: researchOnly, description: researchOnlySentence }

/**
 * One person as a phenopacket of version 2: scores as measurements, functions that were lost as phenotypic features with their
 * resolution where they came back, the call of the study's definition as a feature. No date of birth, no date at all.
 */
export function phenopacketOf(person: ExportedPerson, options: PhenopacketOptions): Record<string, unknown> {
  const { id, patient, visits, call, group } = person
  // What the raters confirm or reject stands before the rule.
  const adjudicated = group?.adjudication ?? null
  const byRule = call?.verdict === 'yes' || call?.verdict === 'no' ? call.verdict : null
  const verdict = adjudicated === 'confirmed' ? 'yes' : adjudicated === 'rejected' ? 'no' : byRule
  const onset = patient.onset_day
  const uncertain = patient.onset_uncertainty_days
  const onsetDays = onset === null ? [] : [onset - (uncertain ?? 0), onset + (uncertain ?? 0)]
  const days = [
    ...visits.map(({ day }) => day),
    ...onsetDays,
    ...[patient.diagnosis_day, patient.death_day, call?.start_day ?? null].filter((day) => day !== null),
  ]
  const writer = dayWriter(ageAtZero(patient), days)
  const at = (day: number) =>
    writer.kind === 'age' ? { age: { iso8601duration: writer.text(day) } } : { timestamp: writer.text(day) }
  const between = (from: number, to: number) => {
    const [start, end] = [writer.text(from), writer.text(to)]
    return writer.kind === 'age'
      ? { ageRange: { start: { iso8601duration: start }, end: { iso8601duration: end } } }
      : { interval: { start, end } }
  }
  const quantity = (type: Term, value: number) => ({ type, quantity: { unit: scoreUnit, value } })
  return {
    id: `${id}-${options.definition}`.replace(/\s+/g, '-'),
    subject: {
      id,
      vitalStatus:
        patient.death_day === null
          ? { status: 'UNKNOWN_STATUS' }
          : { status: 'DECEASED', timeOfDeath: at(patient.death_day) },
      sex: patient.sex === 'female' ? 'FEMALE' : patient.sex === 'male' ? 'MALE' : 'UNKNOWN_SEX',
    },
    phenotypicFeatures: [
      ...(patient.diagnosis_day === null ? [] : [{ type: diagnosisTerm, onset: at(patient.diagnosis_day) }]),
      ...lostFunctions(visits).map(({ term, onset_day, resolution_day }) => ({
        type: term,
        onset: at(onset_day),
        ...(resolution_day !== null && { resolution: at(resolution_day) }),
      })),
      ...(verdict === null
        ? []
        : [
            {
              description: [
                call?.reason ?? '',
                ...(adjudicated === null
                  ? []
                  : [`Adjudication: ${adjudicated}; the rule says ${call?.verdict ?? 'nothing'}.`]),
                ...(group?.posterior == null
                  ? []
                  : [`Posterior probability of a true reversal: ${group.posterior}, at a prior of 0.5%.`]),
                researchOnlySentence,
              ]
                .filter((sentence) => sentence !== '')
                .join(' '),
              type: { id: reversalTerm, label: `Reversal of ALS by the definition ${options.definition}` },
              ...(verdict === 'no' && { excluded: true }),
              ...(verdict === 'yes' && call?.start_day != null && { onset: at(call.start_day) }),
            },
          ]),
    ],
    measurements: visits.map((visit) => ({
      assay: scaleTerms[visit.scale],
      complexValue: {
        typedQuantities: [
          ...alsfrsItems.flatMap((item) => {
            const score = visit[item]
            return score === null ? [] : [quantity(itemTerms[item], score)]
          }),
          ...(visit.total === null ? [] : [quantity(totalTerms[visit.scale], visit.total)]),
        ],
      },
      timeObserved: at(visit.day),
    })),
    diseases: [
      {
        term: alsTerm,
        ...(onset !== null && { onset: uncertain === null ? at(onset) : between(onsetDays[0], onsetDays[1]) }),
        ...(patient.el_escorial !== null && { diseaseStage: [{ id: escorialTerm, label: patient.el_escorial }] }),
        ...(patient.onset_site !== null &&
          onsetSiteTerms[patient.onset_site] !== undefined && { primarySite: onsetSiteTerms[patient.onset_site] }),
      },
    ],
    ...(patient.riluzole === true && { medicalActions: [{ treatment: { agent: riluzoleTerm } }] }),
    metaData: {
      created: options.created,
      createdBy: options.createdBy,
      resources,
      phenopacketSchemaVersion: '2.0',
      externalReferences: [
        researchReference,
        { id: dayZeroReference, description: writer.text(0) },
        ...(writer.kind === 'made-up'
          ? [{ id: madeUpDates, description: 'Dates are made up: only the days between them mean something.' }]
          : []),
      ],
    },
  }
}

/** A GA4GH cohort of phenopackets, piece by piece, one person a line. */
export function* cohortText(
  people: Iterable<ExportedPerson>,
  options: PhenopacketOptions & { study: string },
): Generator<string> {
  const { study, created, createdBy } = options
  const head = JSON.stringify({ id: study, description: `Called by ${options.definition}. ${researchOnlySentence}` })
  yield `${head.slice(0, -1)},"members":[`
  let first = true
  for (const person of people) {
    yield `${first ? '' : ','}\n${JSON.stringify(phenopacketOf(person, options))}`
    first = false
  }
  const meta = {
    created,
    createdBy,
    resources,
    phenopacketSchemaVersion: '2.0',
    externalReferences: [researchReference],
  }
  yield `\n],"metaData":${JSON.stringify(meta)}}\n`
}
