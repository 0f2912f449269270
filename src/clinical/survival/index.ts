export { analyseSurvival, type SurvivalInput, type SurvivalPerson } from './analyse.ts'
export { survivalRegression } from './regression.ts'
