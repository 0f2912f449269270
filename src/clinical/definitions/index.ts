export { type DefinitionFile, parseDefinition, parseDefinitions } from './parse.ts'
export { type Definition, definitionSchema, type Rule } from './schema.ts'
export { isTest, testsOf } from './tests.ts'
