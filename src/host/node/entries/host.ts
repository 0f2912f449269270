export { nodeHost } from '../index.ts'
