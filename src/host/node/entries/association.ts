import { installNodeKernels } from '../kernels.ts'

installNodeKernels()

export * from '../../../association/index.ts'
