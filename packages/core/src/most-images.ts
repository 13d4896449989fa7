/** Upper bound of options that count images of a class: more than any data set has, few enough to be counted and sorted. */
export const mostImages = 1_000_000;
