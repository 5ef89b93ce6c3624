package run

import (
	"reflect"
	"testing"

	"crossbatch/trainer"
)

// No setting of a network is forgotten on the way to the network.
func TestEverySettingOfANetworkReachesIt(t *testing.T) {
	for name, change := range map[string]func(*trainer.Config){
		"seed":  func(c *trainer.Config) { c.Seed = 1 },
		"chunk": func(c *trainer.Config) { c.Batch.Chunk = 1 },
	} {
		var c trainer.Config
		if change(&c); networkOf(c, 1, 2, 3) == networkOf(trainer.Config{}, 1, 2, 3) {
			t.Errorf("%s does not reach the network", name)
		}
	}
	for i := range reflect.TypeFor[trainer.NetworkConfig]().NumField() {
		var c trainer.Config
		field := reflect.ValueOf(&c.Network).Elem().Field(i)
		switch field.Kind() {
		case reflect.String:
			field.SetString("other")
		case reflect.Int:
			field.SetInt(7)
		case reflect.Float64:
			field.SetFloat(0.5)
		case reflect.Bool:
			field.SetBool(true)
		}
		name := reflect.TypeFor[trainer.NetworkConfig]().Field(i).Name
		if name != "Weights" && networkOf(c, 1, 2, 3) == networkOf(trainer.Config{}, 1, 2, 3) {
			t.Errorf("%s does not reach the network", name)
		}
	}
}
