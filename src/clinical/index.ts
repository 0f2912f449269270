export * from './matching/index.ts'
export * from './biomarkers/index.ts'
