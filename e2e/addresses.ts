/** The test servers: the studio as it ships, and the same with the tiny test models of e2e/models beside. */
export const SHIPPED = 'http://localhost:4273';
export const WITH_TINY = 'http://localhost:4274';
