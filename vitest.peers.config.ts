import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/peers/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
