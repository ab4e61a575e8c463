/** The version. */

import { native } from "./native.js";

/** The version of Talos, one for all of its packages. */
export const VERSION: string = native.VERSION;
