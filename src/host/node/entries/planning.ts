import { installNodeKernels } from '../kernels.ts'

installNodeKernels()

export * from '../../../planning/index.ts'
