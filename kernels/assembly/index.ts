// Raw-pointer functions, no garbage collection, no mutable globals, no static data: an instance of either artefact may
// share its memory with others. Pointers are byte offsets; the host owns every buffer.

export * from './bcf'
export * from './bgen'
export * from './coalescent'
export * from './counts'
export * from './exact'
export * from './firth'
export * from './kinship'
export * from './labels'
export * from './linear'
export * from './memory'
export * from './philox'
export * from './special'
export * from './text'
export * from './vcf'
export * from './xxhash'
