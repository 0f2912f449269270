/** What workers do first under these commands, which always need them. */
const firstTasks: Readonly<Record<string, readonly string[]>> = {
  quality: ['genotypes/counts'],
  kinship: ['genotypes/king'],
  ld: ['genotypes/ld'],
  associate: ['association/minima', 'association/rows'],
  exact: ['association/exact'],
}

/** Starts a worker for the command of this name, where it will need one, while the command itself is loaded. */
export async function startAhead(name: string | undefined): Promise<void> {
  if (name === undefined || !Object.hasOwn(firstTasks, name)) return
  try {
    const { startThreadAhead } = await import('../study/threads.ts')
    startThreadAhead(firstTasks[name])
  } catch {
    // Whatever is wrong, the command meets it again and says it.
  }
}
