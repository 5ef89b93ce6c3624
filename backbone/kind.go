package backbone

import (
	"fmt"
	"strings"

	"crossbatch/backbone/network"
)

// kind is what there is to know of a kind of network.
type kind struct {
	name    string
	filters int    // what Config.Filters of 0 means
	least   int    // height and width of an image
	step    int    // that they are multiples of; 0: of any number
	head    string // what the names of the head's parameters begin with
	trunk   func(b *network.Builder, c Config) network.Value
	passed  []string // first words of published arrays that are for training there, not needed here
}

// kinds are the networks there are, a row for each; what there is to say of one is
// in its own file.
func kinds() []kind {
	return []kind{
		{BNInception, 64, 32, 32, "last_linear", bninception, nil},
		{Conv4, 64, 16, 0, "head", conv4, nil}, // four halvings leave one pixel
		{GoogLeNet, 64, 16, 0, "fc", googlenet, []string{"aux1", "aux2"}},
		{Linear, 1, 1, 0, "head", linear, nil},
		{MLP, 512, 1, 0, "head", mlp, nil},
		{MobileNetV3Large, 16, 1, 0, "classifier.3", mobileNetV3Large, nil},
		{MobileNetV3Small, 16, 1, 0, "classifier.3", mobileNetV3Small, nil},
		{ResNet18, 64, 1, 0, "fc", resnet18, nil},
		{ResNet50, 64, 1, 0, "fc", resnet50, nil},
		{ViTB16, 768, 16, 0, "head", vit16, nil},
		{ViTS14, 384, 14, 0, "head", vit14, []string{"mask_token"}},
		{ViTS16, 384, 16, 0, "head", vit16, nil},
	}
}

// Kinds lists the kinds of network.
func Kinds() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// kindOf is the row of a name.
func kindOf(name string) (kind, error) {
	for _, k := range kinds() {
		if k.name == name {
			return k, nil
		}
	}
	return kind{}, fmt.Errorf("backbone: unknown network: %q: choose one of %s", name, strings.Join(Kinds(), ", "))
}
