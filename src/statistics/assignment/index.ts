export { type Assignment, assign } from './assignment.ts'
