import { installNodeKernels } from '../kernels.ts'

installNodeKernels()

export * from '../../../locus/index.ts'
