export * from './assignment/index.ts'
export * from './censored/index.ts'
export * from './rank/index.ts'
export * from './power/index.ts'
