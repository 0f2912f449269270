import { installNodeKernels } from '../kernels.ts'

installNodeKernels()

export * from '../../../genotypes/index.ts'
