import { installNodeKernels } from '../kernels.ts'

installNodeKernels()

export * from '../../../clinical/index.ts'
