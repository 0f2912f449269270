export { cohenKappa, type Kappa } from './kappa.ts'
