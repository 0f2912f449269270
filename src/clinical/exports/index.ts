export { bundleLines, isFhirId } from './fhir.ts'
export { exportedPeople } from './people.ts'
export { cohortText } from './phenopackets.ts'
