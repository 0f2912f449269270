import { installNodeKernels } from '../kernels.ts'

installNodeKernels()

export * from '../../../simulation/index.ts'
