export { type JonckheereTerpstra, jonckheereTerpstra } from './jonckheere-terpstra.ts'
export { type KruskalWallis, kruskalWallis } from './kruskal-wallis.ts'
