/** Something that whoever asked can put right: its text says how, and nobody needs to see where it was thrown. */
export class Mistake extends Error {}
