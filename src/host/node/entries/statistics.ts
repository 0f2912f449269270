import { installNodeKernels } from '../kernels.ts'

installNodeKernels()

export * from '../../../statistics/index.ts'
