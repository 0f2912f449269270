export { philox, philoxKey } from './philox.ts'
export { RandomStream } from './random.ts'
export * from './special.ts'
