import { alsfrsItems, type Visit } from '../../results/clinical.ts'
import {
  dayZeroReference,
  itemTerms,
  researchOnly,
  researchOnlySentence,
  reversalTerm,
  scaleTerms,
  type Term,
} from '../terms.ts'
import type { ExportedPerson } from './people.ts'

interface Resource {
  resourceType: string
  id: string
  [member: string]: unknown
}

const system = 'urn:upturn:terms'
/** References within a bundle are relative to this; `.invalid` is no host and never will be. */
const base = 'http://upturn.invalid/fhir'

const coding = ({ id, label }: Term) => ({
  coding: [{ system, code: id.replace(/^UPTURN:/, ''), display: label }],
  text: label,
})
const score = (value: number) => ({ value, unit: '{score}', system: 'http://unitsofmeasure.org', code: '{score}' })
const day = (value: number) => ({ value, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' })

const dayTerm: Term = { id: dayZeroReference.replace('day-0', 'day'), label: 'Days since day 0 of the source' }
/** The time is known and kept back: it stands as days since day 0 in a component. */
const masked = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
}
const meta = {
  security: [
    { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HRESCH', display: 'healthcare research' },
  ],
  tag: [{ system, code: researchOnly.replace('UPTURN:', ''), display: researchOnlySentence }],
}

/** Whether an id may be one of a FHIR resource, with what is put behind it. */
export const isFhirId = (id: string): boolean => /^[A-Za-z0-9.-]{1,48}$/.test(id)

/**
 * One person as a FHIR R4 bundle: the patient without date of birth, an observation a visit (total, items, day), and one for the call of the
 * study's definition. Dates are masked.
 */
export function bundleOf(
  { id, patient, visits, call, group }: ExportedPerson,
  definition: string,
): Record<string, unknown> {
  const subject = { reference: `Patient/${id}` }
  const resources: Resource[] = [
    {
      resourceType: 'Patient',
      id,
      meta,
      gender: patient.sex ?? 'unknown',
      ...(patient.death_day !== null && { deceasedBoolean: true }),
    },
    ...visits.map((visit, k) => visitObservation(visit, `${id}-visit-${k + 1}`, subject)),
  ]
  if (call !== null)
    resources.push({
      resourceType: 'Observation',
      id: `${id}-reversal`,
      meta,
      status: 'final',
      code: coding({ id: reversalTerm, label: `Reversal of ALS by the definition ${definition}` }),
      subject,
      _effectiveDateTime: masked,
      valueCodeableConcept: { coding: [{ system, code: call.verdict }], text: call.verdict },
      note: [{ text: `${call.reason} ${researchOnlySentence}` }],
      component: [
        ...(call.start_day === null
          ? []
          : [
              {
                code: coding({ id: 'UPTURN:start-day', label: 'First day of the visits that made the call' }),
                valueQuantity: day(call.start_day),
              },
            ]),
        ...(call.end_day === null
          ? []
          : [
              {
                code: coding({ id: 'UPTURN:end-day', label: 'Last day of the visits that made the call' }),
                valueQuantity: day(call.end_day),
              },
            ]),
        ...(group?.adjudication == null
          ? []
          : [
              {
                code: coding({ id: 'UPTURN:adjudication', label: 'What the raters come to' }),
                valueCodeableConcept: { coding: [{ system, code: group.adjudication }], text: group.adjudication },
              },
            ]),
        ...(group?.posterior == null
          ? []
          : [
              {
                code: coding({
                  id: 'UPTURN:posterior',
                  label: 'Posterior probability of a true reversal, at a prior of 0.5%',
                }),
                valueQuantity: { value: group.posterior, unit: '1', system: 'http://unitsofmeasure.org', code: '1' },
              },
            ]),
      ],
    })
  return {
    resourceType: 'Bundle',
    id,
    meta,
    type: 'collection',
    entry: resources.map((resource) => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource })),
  }
}

function visitObservation(visit: Visit, id: string, subject: object): Resource {
  return {
    resourceType: 'Observation',
    id,
    meta,
    status: 'final',
    code: coding(scaleTerms[visit.scale]),
    subject,
    _effectiveDateTime: masked,
    ...(visit.total === null
      ? {
          dataAbsentReason: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
          },
        }
      : { valueQuantity: score(visit.total) }),
    component: [
      { code: coding(dayTerm), valueQuantity: day(visit.day) },
      ...alsfrsItems.flatMap((item) => {
        const value = visit[item]
        return value === null ? [] : [{ code: coding(itemTerms[item]), valueQuantity: score(value) }]
      }),
    ],
  }
}

/** Bundles as newline-delimited JSON, one person a line. */
export function* bundleLines(people: Iterable<ExportedPerson>, definition: string): Generator<string> {
  for (const person of people) yield `${JSON.stringify(bundleOf(person, definition))}\n`
}
