export { analyseBiomarkers, type BiomarkerOptions } from './analyse.ts'
