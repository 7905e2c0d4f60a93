/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

atomic_int check_failures;
