#include "belay_driver.h"
