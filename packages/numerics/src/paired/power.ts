/** A normal variable is above minus this four times out of five. */
export const powerQuantile = 0.8416212335729143;
