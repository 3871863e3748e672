/** The user and group that own nothing, by Linux's custom. */
export const NOBODY = 65534;

export const isRoot = process.getuid?.() === 0;
