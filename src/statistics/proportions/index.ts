export * from './proportions.ts'
